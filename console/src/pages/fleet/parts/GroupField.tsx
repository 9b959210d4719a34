/** The group of devices that something is for. */
import type { ReactNode } from 'react';
import { Combobox, Field } from '@/ui';
import { useDeviceGroups } from './useChoices';

interface Props {
  value: string | null;
  onChange: (group: string | null) => void;
  hint: ReactNode;
  error?: string;
}

export function GroupField({ value, onChange, hint, error }: Props) {
  const groups = useDeviceGroups();
  return (
    <Field label="Group" hint={hint} error={error}>
      <Combobox label="Group" none="No group" choices={groups} value={value} onChange={onChange} />
    </Field>
  );
}
