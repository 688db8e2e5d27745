"""How a judge refuses."""


class Differs(Exception):
    """What an output is and what it should be."""


def expect(holds, message):
    if not holds:
        raise Differs(message)
