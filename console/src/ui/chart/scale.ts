/** Numbers behind the charts: round ticks, and labels for times. */

/** Up to `most` round steps from zero to a round figure that is not below `max`. */
export function ticks(max: number, most = 4): number[] {
  if (!(max > 0)) return [0, 1];
  const rough = max / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    [1, 2, 2.5, 5, 10].map((nice) => nice * power).find((size) => size >= rough) ?? rough;
  const found = [0];
  while ((found.at(-1) ?? 0) < max) found.push(found.length * step);
  return found;
}

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** Labels of an axis: hours within two days, days beyond. */
export function timeLabel(at: Date, span: number): string {
  return span <= 2 * 86_400_000 ? clock.format(at) : day.format(at);
}

/** The same in the read-out, where there is room for both. */
export const timeTitle = (at: Date): string => `${day.format(at)}, ${clock.format(at)}`;
