import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { expectAccessible, show } from '@/test/show';
import { Combobox, ConfirmDialog, Field, Switch } from '@/ui';

test('what cannot be undone asks for a word, and says how many devices', async () => {
  const user = userEvent.setup();
  const confirm = vi.fn();
  show(
    <ConfirmDialog
      open
      onClose={() => undefined}
      title="Remove the device"
      action="Remove"
      danger
      devices={1}
      word="mac-7"
      onConfirm={confirm}
    >
      It has to enrol again.
    </ConfirmDialog>,
  );
  expect(screen.getByText('1 device')).toBeTruthy();
  const word = screen.getByLabelText('Type mac-7 to confirm');
  expect(document.activeElement).toBe(word);
  const button = screen.getByRole('button', { name: 'Remove' });
  await user.click(button);
  expect(confirm).not.toHaveBeenCalled();
  await expectAccessible();
  await user.type(word, 'mac-7');
  await user.click(button);
  expect(confirm).toHaveBeenCalledOnce();
});

test('a combobox finds by a part, a switch switches', async () => {
  const user = userEvent.setup();
  const choose = vi.fn();
  const turn = vi.fn();
  show(
    <>
      <Field label="Team">
        <Combobox
          label="Team"
          value={null}
          onChange={choose}
          choices={[
            { value: 't1', label: 'Platform' },
            { value: 't2', label: 'Security', hint: 'sec@example.com' },
          ]}
        />
      </Field>
      <Switch checked={false} onChange={turn} label="Log content" hint="Prompts and answers." />
    </>,
  );
  await expectAccessible();
  await user.click(screen.getByRole('switch', { name: /Log content/ }));
  expect(turn).toHaveBeenCalledWith(true);
  await user.click(screen.getByLabelText('Team'));
  await user.keyboard('secu{Enter}');
  expect(choose).toHaveBeenCalledWith('t2');
});
