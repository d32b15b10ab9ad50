"""Sets the total of an order, in whole coins."""

PRICES = {"loom": 40, "shuttle": 15, "yarn": 6}


class BadOrder(Exception):
    """An order that nobody can price: to try again is of no use."""

    failure = "States.ParameterError"


def handler(event, context):
    each = PRICES.get(event["item"])
    if each is None:
        raise BadOrder(f"there is no item {event['item']!r}, only {', '.join(PRICES)}")
    if not 1 <= event.get("count", 0) <= 1000:
        raise BadOrder("count must be 1 to 1000")
    total = each * event["count"]
    context.getLogger().info("%d %s cost %d coins", event["count"], event["item"], total)
    return {"total": total, **event}
