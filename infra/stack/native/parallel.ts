/**
 * Runs the tasks side by side. The first failure aborts the signal that the others were given; when all have ended, that
 * failure is thrown (what the others say after it is only an echo).
 */
export async function inParallel(
  signal: AbortSignal,
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const stop = new AbortController();
  const failures: unknown[] = [];
  const shared = AbortSignal.any([signal, stop.signal]);
  await Promise.all(
    tasks.map(async (task) => {
      try {
        await task(shared);
      } catch (error) {
        failures.push(error);
        stop.abort();
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
}
