import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { expectAccessible, show } from '@/test/show';
import { Button, Menu, MenuItem, Tooltip } from '@/ui';

test('a menu opens by the first key with its first item, and gives the focus back', async () => {
  const user = userEvent.setup();
  const chosen = vi.fn();
  show(
    <Menu trigger={<Button>More</Button>}>
      <MenuItem onSelect={() => chosen('rename')}>Rename</MenuItem>
      <MenuItem onSelect={() => chosen('remove')}>Remove</MenuItem>
    </Menu>,
  );
  const button = screen.getByRole('button', { name: 'More' });
  expect(button.getAttribute('aria-haspopup')).toBe('menu');
  expect(button.getAttribute('aria-expanded')).toBe('false');
  await user.tab();
  expect(document.activeElement).toBe(button);
  await user.keyboard('{Enter}');
  const menu = await screen.findByRole('menu', { name: 'More' });
  expect(button.getAttribute('aria-expanded')).toBe('true');
  expect(button.getAttribute('aria-controls')).toBe(menu.id);
  await waitFor(() => expect(document.activeElement?.textContent).toBe('Rename'));
  await expectAccessible();
  await user.keyboard('{ArrowDown}{Enter}');
  expect(chosen).toHaveBeenCalledExactlyOnceWith('remove');
  await waitFor(() => expect(document.activeElement).toBe(button));
  expect(screen.queryByRole('menu')).toBeNull();
});

test('a menu opens by the first press, and closes by the next or elsewhere', async () => {
  const user = userEvent.setup();
  show(
    <>
      <Menu trigger={<Button>More</Button>}>
        <MenuItem onSelect={() => undefined}>Rename</MenuItem>
      </Menu>
      <p>Elsewhere</p>
    </>,
  );
  const button = screen.getByRole('button', { name: 'More' });
  for (const place of [button, screen.getByText('Elsewhere')]) {
    await user.click(button);
    expect(await screen.findByRole('menu')).toBeTruthy();
    await user.click(place);
    await waitFor(() => expect(screen.queryByRole('menu')).toBeNull());
  }
});

test('a tooltip comes with the pointer and with the focus, and describes its element', async () => {
  const user = userEvent.setup();
  const pressed = vi.fn();
  show(
    <Tooltip text="Takes a while">
      <Button onClick={pressed}>Scan</Button>
    </Tooltip>,
  );
  const button = screen.getByRole('button', { name: 'Scan' });
  expect(screen.queryByRole('tooltip')).toBeNull();
  await user.hover(button);
  const tip = await screen.findByRole('tooltip');
  expect(tip.textContent).toBe('Takes a while');
  expect(button.getAttribute('aria-describedby')).toBe(tip.id);
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('tooltip')).toBeNull());
  await user.unhover(button);
  await user.tab();
  expect(await screen.findByRole('tooltip')).toBeTruthy();
  await expectAccessible();
  await user.click(button);
  expect(pressed).toHaveBeenCalledOnce();
  await waitFor(() => expect(screen.queryByRole('tooltip')).toBeNull());
});
