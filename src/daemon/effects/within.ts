/** What isn't known in time, or at all, is `null`: a disk that is away holds nobody up. */
export async function within<Value>(ms: number, promise: Promise<Value>): Promise<Value | null> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, Math.max(1, ms), null).unref());
  return Promise.race([promise.catch(() => null), late]);
}
