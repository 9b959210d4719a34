/** Figures, money, bytes and times as people read them. */

const whole = new Intl.NumberFormat('en-US');
const compact = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 });

export const count = (value: number): string => whole.format(value);
/** `12.4K`: for charts and narrow places. */
export const short = (value: number): string => compact.format(value);
/** `3 devices`, `1 device`. */
export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${whole.format(value)} ${value === 1 ? one : many}`;

/** To so many places at most; making one takes longer than a row of a table. */
const dollars = [2, 4, 6].map(
  (places) =>
    new Intl.NumberFormat('en-US', {
      style: 'currency',
      currency: 'USD',
      minimumFractionDigits: 2,
      maximumFractionDigits: places,
    }),
);

/** Micro-USD as dollars: cents from a dollar on, and below it as many places as say something. */
export function money(micro: number): string {
  const amount = micro / 1_000_000;
  const size = Math.abs(amount);
  const format = dollars[size === 0 || size >= 1 ? 0 : size >= 0.01 ? 1 : 2];
  return format?.format(amount) ?? '';
}

export function bytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = value;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit] ?? ''}`;
}

/** Microseconds: `840 µs`, `12.3 ms`, `1.42 s`. */
export function micros(value: number): string {
  if (value < 1_000) return `${value} µs`;
  if (value < 1_000_000) return `${(value / 1_000).toFixed(value < 100_000 ? 1 : 0)} ms`;
  return `${(value / 1_000_000).toFixed(value < 100_000_000 ? 2 : 0)} s`;
}

/** Seconds: `45 s`, `3 min`, `2 h 10 min`, `5 d 3 h`. */
export function duration(seconds: number): string {
  const parts: [number, string][] = [
    [86_400, 'd'],
    [3_600, 'h'],
    [60, 'min'],
    [1, 's'],
  ];
  let rest = Math.max(0, Math.round(seconds));
  const found: string[] = [];
  for (const [size, unit] of parts) {
    const many = Math.floor(rest / size);
    if (many > 0) found.push(`${many} ${unit}`);
    rest -= many * size;
    if (found.length === 2) break;
  }
  return found.join(' ') || '0 s';
}

/** `2 min ago`, `in 3 d`: how far a time is from now. */
export function relative(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1000);
  const size = Math.abs(seconds);
  if (size < 5) return 'now';
  const [many, unit] =
    size < 60
      ? [size, 's']
      : size < 3_600
        ? [Math.round(size / 60), 'min']
        : size < 86_400
          ? [Math.round(size / 3_600), 'h']
          : [Math.round(size / 86_400), 'd'];
  return seconds >= 0 ? `${many} ${unit} ago` : `in ${many} ${unit}`;
}

const dateTime = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  timeZoneName: 'short',
});

/** In full, in the reader's time zone: `26 Nov 2026, 11:39:06 GMT`. */
export const absolute = (at: Date): string => dateTime.format(at);
