def handler(event, context):
    context.getLogger().info("called with %s", event)
    return {"greeting": f"Hello, {event.get('name', 'world')}!"}
