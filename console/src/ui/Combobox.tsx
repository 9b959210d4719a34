/** Choosing one of many by typing a part of it. */
import { Command } from 'cmdk';
import { Check, ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { Button } from './Button';
import styles from './Combobox.module.css';
import { useField } from './Input';
import { Popover } from './Popover';

export interface Choice {
  value: string;
  label: string;
  /** A second thing to recognise it by: an e-mail address, a host. */
  hint?: string;
}

interface Props {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
  choices: readonly Choice[];
  /** What choosing nothing means; without it something has to be chosen. */
  none?: string;
  placeholder?: string;
  /** The gateway searches: called with what was typed. */
  onSearch?: (typed: string) => void;
  disabled?: boolean;
}

export function Combobox(props: Props) {
  const {
    label,
    value,
    onChange,
    choices,
    none,
    placeholder = 'Choose…',
    onSearch,
    disabled,
  } = props;
  const [open, setOpen] = useState(false);
  const field = useField();
  const chosen = choices.find((choice) => choice.value === value);
  const choose = (next: string | null) => {
    onChange(next);
    setOpen(false);
  };
  return (
    <Popover
      label={label}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button className={styles.trigger} disabled={disabled} {...field}>
          <span className={chosen || (value === null && none) ? 'truncate' : 'truncate muted'}>
            {chosen?.label ?? value ?? none ?? placeholder}
          </span>
          <ChevronDown size={14} aria-hidden />
        </Button>
      }
    >
      <ChoiceList
        label={label}
        choices={choices}
        value={value}
        none={none}
        onSearch={onSearch}
        onChoose={choose}
      />
    </Popover>
  );
}

interface ListProps {
  label: string;
  choices: readonly Choice[];
  value: string | null;
  none?: string;
  onSearch?: (typed: string) => void;
  onChoose: (value: string | null) => void;
}

/** The list inside; the filter bar uses it too. */
export function ChoiceList({ label, choices, value, none, onSearch, onChoose }: ListProps) {
  return (
    <Command label={label} className={styles.list} shouldFilter={!onSearch}>
      <Command.Input
        className={styles.search}
        placeholder="Type to find…"
        onValueChange={onSearch}
      />
      <Command.List className={styles.items} label={label}>
        <Command.Empty className={styles.empty}>Nothing by that name.</Command.Empty>
        {none && (
          <Command.Item className={styles.item} value="__none" onSelect={() => onChoose(null)}>
            {none}
          </Command.Item>
        )}
        {choices.map((choice) => (
          <Command.Item
            key={choice.value}
            className={styles.item}
            value={choice.value}
            keywords={[choice.label, choice.hint ?? '']}
            onSelect={() => onChoose(choice.value)}
          >
            <span className="truncate">{choice.label}</span>
            {choice.hint && <span className={styles.hint}>{choice.hint}</span>}
            {choice.value === value && <Check size={14} aria-label="chosen" />}
          </Command.Item>
        ))}
      </Command.List>
    </Command>
  );
}
