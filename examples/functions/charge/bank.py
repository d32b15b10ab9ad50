"""Charges the card of an order. The bank is busy when the card "busy" is first
charged, and never takes the card "stolen"."""


class Busy(Exception):
    """The bank has no time. A graph can tell this from other errors, and try again."""

    failure = "States.FunctionStageUnavailable"


class Refused(Exception):
    pass


def charge(event, context):
    card = event.get("card")
    # Which attempt of the action this is, a function learns from a header.
    if card == "busy" and context.getHeader("X-Heddle-Attempt") == "1":
        raise Busy("the bank is busy")
    if card == "stolen":
        raise Refused("the bank refuses the card")
    receipt = f"{event['total']} coins for {event['count']} {event['item']}"
    print("charged:", receipt)
    return {"receipt": receipt, **event}
