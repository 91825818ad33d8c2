"""What may stand in a path: `{id:whole}` is any text, as `{id:path}` is, also one with line breaks."""

from starlette.convertors import Convertor, register_url_convertor


class Whole(Convertor[str]):
    """Starlette's own stops at a line break, and then there is no such path."""

    regex = r"[\s\S]*"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


def add_whole() -> None:
    """Lets paths that are added from now on use it."""
    register_url_convertor("whole", Whole())
