// Greets by name. The word comes from the function's configuration.
exports.handler = async (event, context) => {
  const name = event.name || "world";
  context.getLogger().info(`greeting ${name}`);
  return { greeting: `${context.getUserData("GREETING")}, ${name}!` };
};
