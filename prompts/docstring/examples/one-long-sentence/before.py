def words():
    pass
