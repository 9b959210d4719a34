/** Above a list: search, filters as chips, saved views. All of it lives in the address. */
import { ListFilter, Search as Glass, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'react-router';
import { Button } from '../Button';
import { type Choice, ChoiceList } from '../Combobox';
import { Field, Input } from '../Input';
import { Kbd } from '../Kbd';
import { Menu, MenuItem } from '../Menu';
import { Popover } from '../Popover';
import styles from './FilterBar.module.css';
import { typing } from '../table/useRows';
import { Views } from './Views';

export interface Filter {
  /** The parameter in the address, and usually the API's. */
  name: string;
  label: string;
  /** Without choices the value is typed. */
  choices?: readonly Choice[];
  /** Where the gateway finds the choices: called with what was typed. */
  onSearch?: (typed: string) => void;
  /** What a typed value looks like: `gpt-4.1-mini`. */
  example?: string;
}

interface Props {
  /** Names the page among saved views: `devices`. */
  page: string;
  filters: readonly Filter[];
  /** The search box's parameter and what it searches: `{ name: 'q', label: 'Search name, command' }`. */
  search?: { name: string; label: string };
}

export function FilterBar({ page, filters, search }: Props) {
  const [params, setParams] = useSearchParams();
  const [adding, setAdding] = useState<string | null>(null);
  const set = (name: string, value: string | null) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (value) next.set(name, value);
        else next.delete(name);
        return next;
      },
      { replace: true },
    );
  const shown = filters.filter(({ name }) => params.has(name) || adding === name);
  const unused = filters.filter(({ name }) => !params.has(name) && adding !== name);
  const active = shown.length > 0 || (search && params.has(search.name));
  return (
    <div className={styles.bar} role="search" aria-label="Filters">
      {search && (
        <SearchBox
          key={search.name}
          label={search.label}
          value={params.get(search.name) ?? ''}
          onChange={(value) => set(search.name, value)}
        />
      )}
      {shown.map((filter) => (
        <Chip
          key={filter.name}
          filter={filter}
          value={params.get(filter.name)}
          open={adding === filter.name}
          onOpen={(open) => setAdding(open ? filter.name : null)}
          onChange={(value) => {
            set(filter.name, value);
            setAdding(null);
          }}
        />
      ))}
      {unused.length > 0 && (
        <Menu
          align="start"
          trigger={
            <Button look="quiet">
              <ListFilter size={14} aria-hidden /> Filter
            </Button>
          }
        >
          {unused.map((filter) => (
            // The menu gives the focus back when it closes; only then may the next one take it.
            <MenuItem
              key={filter.name}
              onSelect={() => window.setTimeout(() => setAdding(filter.name))}
            >
              {filter.label}
            </MenuItem>
          ))}
        </Menu>
      )}
      {active && (
        <Button look="quiet" onClick={() => setParams({}, { replace: true })}>
          Clear
        </Button>
      )}
      <div className={styles.views}>
        <Views page={page} />
      </div>
    </div>
  );
}

interface ChipProps {
  filter: Filter;
  value: string | null;
  open: boolean;
  onOpen: (open: boolean) => void;
  onChange: (value: string | null) => void;
}

function Chip({ filter, value, open, onOpen, onChange }: ChipProps) {
  const { label, choices, onSearch, example } = filter;
  const word = choices?.find((choice) => choice.value === value)?.label ?? value ?? '…';
  return (
    <span className={styles.chip}>
      <Popover
        label={label}
        open={open}
        onOpenChange={onOpen}
        trigger={
          <button type="button" className={styles.value}>
            <span>{label}</span>
            {word}
          </button>
        }
      >
        {choices ? (
          <ChoiceList
            label={label}
            choices={choices}
            value={value}
            onSearch={onSearch}
            onChoose={onChange}
          />
        ) : (
          <Typed label={label} value={value ?? ''} example={example} onChange={onChange} />
        )}
      </Popover>
      {value !== null && (
        <button
          type="button"
          className={styles.drop}
          aria-label={`Remove filter ${label}`}
          onClick={() => onChange(null)}
        >
          <X size={13} aria-hidden />
        </button>
      )}
    </span>
  );
}

interface TypedProps {
  label: string;
  value: string;
  example?: string;
  onChange: (value: string | null) => void;
}

function Typed({ label, value, example, onChange }: TypedProps) {
  const [draft, setDraft] = useState(value);
  return (
    <form
      className={styles.ask}
      onSubmit={(event) => {
        event.preventDefault();
        onChange(draft.trim() || null);
      }}
    >
      <Field label={label}>
        <Input
          value={draft}
          placeholder={example}
          onChange={(event) => setDraft(event.target.value)}
        />
      </Field>
      <Button type="submit" look="primary" small>
        Apply
      </Button>
    </form>
  );
}

/** Milliseconds without a key before the gateway is asked. */
const PAUSE = 250;

interface SearchProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

function SearchBox({ label, value, onChange }: SearchProps) {
  const [draft, setDraft] = useState(value);
  const [seen, setSeen] = useState(value);
  const input = useRef<HTMLInputElement>(null);
  // The address changed by other means: the back button, a saved view.
  if (value !== seen) {
    setSeen(value);
    setDraft(value);
  }
  useEffect(() => {
    if (draft === value) return;
    const timer = window.setTimeout(() => onChange(draft), PAUSE);
    return () => window.clearTimeout(timer);
  }, [draft, onChange, value]);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || typing(event.target)) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);
  return (
    <div className={styles.search}>
      <Glass size={14} aria-hidden />
      <Input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={label}
        value={draft}
        onChange={(event) => setDraft(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur();
        }}
      />
      {draft === '' && <Kbd>/</Kbd>}
    </div>
  );
}
