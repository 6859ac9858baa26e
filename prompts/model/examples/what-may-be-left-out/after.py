from pydantic import BaseModel


class R(BaseModel):
    yanked: bool = False
    digest: str | None = None
