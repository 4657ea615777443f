// Loaded before a service: when whoever started it is gone, however it ended, the service stops as if asked to.
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
process.channel?.unref();
