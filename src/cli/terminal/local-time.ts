/** A time (ISO 8601) as the clock on the wall here has it, to the minute, or the second; empty where it is none. */
export function localTime(iso: string, { seconds = false }: { seconds?: boolean } = {}): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  const two = (number: number) => `${number}`.padStart(2, '0');
  const day = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  const clock = [at.getHours(), at.getMinutes(), ...(seconds ? [at.getSeconds()] : [])].map(two);
  return `${day} ${clock.join(':')}`;
}
