/** How often a cap would have been reached by what was spent before. */
import { useDeferredValue } from 'react';
import { useGet } from '@/api/query';
import { money, plural } from '@/format/format';
import { TimeSeries } from '@/ui';
import { WINDOWS, type Window } from './words';

interface Props {
  scope: string;
  window: Window;
  cap: number;
  model: string;
}

export function WhatIf(props: Props) {
  const { scope, window, cap, model } = useDeferredValue(props);
  const query = { scope, window, cap_micro_usd: cap, ...(model ? { model } : {}) };
  const { data } = useGet('/api/v1/budgets/what-if', { params: { query } });
  if (!data) return null;
  return (
    <section className="section" aria-live="polite">
      <h3>What if</h3>
      <p className="secondary">
        {data.used === 0
          ? `Nothing was spent in the last ${plural(data.windows.length, WINDOWS[window])}.`
          : `Of the last ${plural(data.windows.length, WINDOWS[window])}, ${
              data.reached === 0 ? 'none' : data.reached
            } would have reached it; the most spent in one is ${money(data.most_micro_usd)}.`}
      </p>
      {data.used > 0 && (
        <TimeSeries
          label="Spend in past windows"
          times={data.windows.map(({ start }) => start)}
          height={120}
          format={money}
          series={[
            {
              id: 'within',
              label: 'Within the cap',
              values: data.windows.map((one) => Math.min(one.spent_micro_usd, cap)),
            },
            {
              id: 'over',
              label: 'Over the cap',
              color: 'var(--bad)',
              values: data.windows.map((one) => Math.max(0, one.spent_micro_usd - cap)),
            },
          ]}
        />
      )}
    </section>
  );
}
