import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { expectAccessible, show } from '@/test/show';
import { Button, type Column, EmptyState, Table } from '@/ui';

interface Row {
  id: string;
  many: number;
}

const COLUMNS: Column<Row>[] = [
  { id: 'name', header: 'Name', cell: ({ id }) => id, sort: 'name' },
  { id: 'many', header: 'Many', align: 'end', cell: ({ many }) => many },
];
const ROWS: Row[] = ['alpha', 'beta', 'gamma'].map((id, many) => ({ id, many }));

const keyOf = ({ id }: Row) => id;

function Sample({ rows = ROWS }: { rows?: Row[] }) {
  const [keys, set] = useState<ReadonlySet<string>>(new Set());
  return (
    <Table
      fill
      label="Things"
      rows={rows}
      rowKey={keyOf}
      columns={COLUMNS}
      href={({ id }) => `/things/${id}`}
      selection={{ keys, set }}
      bulk={<Button small>Deny</Button>}
      empty={<EmptyState title="No things yet" />}
    />
  );
}

const address = () => screen.getByTestId('address').textContent;

test('keys move, select, open and forget', async () => {
  const user = userEvent.setup();
  show(<Sample />);
  await user.keyboard('jjx');
  expect(screen.getByText('1 selected')).toBeTruthy();
  const row = screen.getByText('beta').closest('[role=row]');
  expect(row?.getAttribute('aria-selected')).toBe('true');
  await user.keyboard('kx');
  expect(screen.getByText('2 selected')).toBeTruthy();
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('toolbar')).toBeNull();
  await user.keyboard('{Enter}');
  await waitFor(() => expect(address()).toBe('/things/alpha'));
});

test('the head selects all, and a row is a link', async () => {
  const user = userEvent.setup();
  show(<Sample />);
  await user.click(screen.getByLabelText('Select all rows read so far'));
  expect(screen.getByText('3 selected')).toBeTruthy();
  const link = within(screen.getByRole('grid')).getByRole('link', { name: 'gamma' });
  expect(link.getAttribute('href')).toBe('/things/gamma');
  await expectAccessible();
});

test('nothing to show says so', () => {
  show(<Sample rows={[]} />);
  expect(screen.getByText('No things yet')).toBeTruthy();
  expect(screen.queryByRole('grid')).toBeNull();
});

test('of many rows those are there that are seen, wherever one scrolled', async () => {
  const many = Array.from({ length: 1_000 }, (_, index) => ({ id: `row ${index}`, many: index }));
  show(<Sample rows={many} />);
  const grid = screen.getByRole('grid');
  expect(grid.getAttribute('aria-rowcount')).toBe('1001');
  await waitFor(() => expect(screen.getByText('row 24')).toBeTruthy());
  expect(screen.queryByText('row 60')).toBeNull();
  // 36 pixels each.
  grid.scrollTop = 500 * 36;
  fireEvent.scroll(grid);
  const row = (await screen.findByText('row 500')).closest('[role=row]');
  expect(row?.getAttribute('aria-rowindex')).toBe('502');
  expect(screen.queryByText('row 24')).toBeNull();
  expect(within(grid).getAllByRole('row').length).toBeLessThan(80);
  // What is left out leaves its room.
  const { paddingTop, paddingBottom } = (row?.parentElement as HTMLElement).style;
  const left = (parseInt(paddingTop) + parseInt(paddingBottom)) / 36;
  expect(left + within(grid).getAllByRole('row').length - 1).toBe(1_000);
});

test('who selects a row draws no other again, and keys go on after it', async () => {
  const user = userEvent.setup();
  const drawn = vi.fn();
  const columns: Column<Row>[] = [
    {
      id: 'name',
      header: 'Name',
      cell: ({ id }) => {
        drawn(id);
        return id;
      },
    },
  ];
  function Chosen() {
    const [keys, set] = useState<ReadonlySet<string>>(new Set());
    return (
      <Table
        fill
        label="Things"
        rows={ROWS}
        rowKey={keyOf}
        columns={columns}
        // Another at each drawing, as pages write it.
        onOpen={() => undefined}
        selection={{ keys, set }}
        empty={null}
      />
    );
  }
  show(<Chosen />);
  drawn.mockClear();
  const boxes = screen.getAllByRole('checkbox', { name: 'Select row' });
  await user.click(boxes[1] as HTMLElement);
  expect(screen.getByText('1 selected')).toBeTruthy();
  expect(new Set(drawn.mock.calls.flat())).toEqual(new Set(['beta']));
  // The box has the focus, and is no text field.
  await user.keyboard('jx');
  expect(screen.getByText('2 selected')).toBeTruthy();
  const all: HTMLInputElement = screen.getByLabelText('Select all rows read so far');
  expect(all.indeterminate).toBe(true);
});

test('a row opens by a press, and in a tab of its own where the browser is asked for one', async () => {
  const user = userEvent.setup();
  show(<Sample />);
  const link = screen.getByRole('link', { name: 'beta' });
  const left = vi.fn((event: Event) => event.preventDefault());
  window.addEventListener('click', left, { once: true });
  await user.keyboard('{Control>}');
  await user.click(link);
  await user.keyboard('{/Control}');
  expect(left).toHaveBeenCalledOnce();
  expect(address()).toBe('/');
  await user.click(link);
  await waitFor(() => expect(address()).toBe('/things/beta'));
});
