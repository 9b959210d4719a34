import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { expectAccessible, show } from '@/test/show';
import { TimeSeries } from '@/ui';
import { ticks } from './scale';

test('the chart reads out by keys, and has its figures as a table', async () => {
  const user = userEvent.setup();
  show(
    <TimeSeries
      label="Requests"
      times={['2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z']}
      series={[
        { id: 'ok', label: 'Passed', values: [3, 5] },
        { id: 'no', label: 'Denied', values: [0, 2], color: 'var(--bad)' },
      ]}
      format={String}
    />,
  );
  await user.tab();
  await user.keyboard('{ArrowLeft}');
  expect(screen.getByRole('status').textContent).toMatch(/Passed5Denied2/);
  await user.keyboard('{ArrowLeft}');
  expect(screen.getByRole('status').textContent).toMatch(/Passed3Denied0/);
  await user.click(screen.getByRole('button', { name: 'Table' }));
  expect(screen.getAllByRole('row')).toHaveLength(3);
  await expectAccessible();
});

test('ticks are round and cover the largest value', () => {
  expect(ticks(7)).toEqual([0, 2, 4, 6, 8]);
  expect(ticks(0)).toEqual([0, 1]);
  expect(ticks(1_000_000)).toEqual([0, 250_000, 500_000, 750_000, 1_000_000]);
});
