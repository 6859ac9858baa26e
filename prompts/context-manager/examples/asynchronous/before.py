class C:
    async def aclose(self):
        pass
