/** What is drawn for the values. */
import { type Series, colorOf } from './TimeSeries';

interface Place {
  x: (index: number) => number;
  y: (value: number) => number;
}

interface BarsProps extends Place {
  series: readonly Series[];
  many: number;
  slot: number;
}

export function Bars({ series, many, slot, x, y }: BarsProps) {
  const width = Math.max(1, Math.min(28, slot * 0.72));
  return Array.from({ length: many }, (_, index) => {
    let below = 0;
    return (
      <g key={index}>
        {series.map((one, place) => {
          const value = one.values[index] ?? 0;
          if (value <= 0) return null;
          const from = below;
          below += value;
          return (
            <rect
              key={one.id}
              x={x(index) - width / 2}
              y={y(below)}
              width={width}
              height={Math.max(1, y(from) - y(below))}
              fill={colorOf(one, place)}
            />
          );
        })}
      </g>
    );
  });
}

interface LinesProps extends Place {
  series: readonly Series[];
  at: number | null;
}

export function Lines({ series, x, y, at }: LinesProps) {
  return series.map((one, place) => {
    const color = colorOf(one, place);
    const points = one.values.map((value, index) => `${x(index)},${y(value)}`).join(' ');
    return (
      <g key={one.id}>
        <polyline
          points={points}
          fill="none"
          stroke={color}
          strokeWidth={1.6}
          strokeLinejoin="round"
        />
        {at !== null && <circle cx={x(at)} cy={y(one.values[at] ?? 0)} r={3} fill={color} />}
      </g>
    );
  });
}
