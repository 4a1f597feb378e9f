/**
 * How long this thread itself worked while something ran, milliseconds. Unlike the time on the wall it stays the same
 * on a machine that is busy with other things.
 */
export async function threadTimeMs(run: () => unknown): Promise<number> {
  const before = process.threadCpuUsage();
  await run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}
