/** What a guardrail looks for: rules by group and name, words and patterns, tools, or what a service finds. */
import { useState } from 'react';
import { Checkbox, Field, Input, Select, TextArea } from '@/ui';
import { type Detect, GROUPS, type Group, SURE, type Stream, linesOf, listOf } from './words';

interface Props {
  detect: Detect;
  onChange: (detect: Detect) => void;
}

type Kind = Detect['kind'];

const KINDS: readonly { value: Kind; label: string }[] = [
  { value: 'rules', label: 'Credentials and personal data' },
  { value: 'terms', label: 'Words and patterns' },
  { value: 'tools', label: 'Tools that a model calls' },
  { value: 'engine', label: 'What a service of others finds' },
];

const FIRST: Record<Kind, Detect> = {
  rules: { kind: 'rules', groups: ['secrets'], min_score: SURE },
  terms: { kind: 'terms', words: [] },
  tools: { kind: 'tools', names: [] },
  engine: { kind: 'engine', engine: '' },
};

export function DetectFields({ detect, onChange }: Props) {
  return (
    <>
      <Field label="Looks for">
        <Select options={KINDS} value={detect.kind} onChange={(kind) => onChange(FIRST[kind])} />
      </Field>
      {detect.kind === 'rules' && <Rules detect={detect} onChange={onChange} />}
      {detect.kind === 'terms' && (
        <>
          <Typed
            key="words"
            label="Words and phrases"
            hint="One a line. Whole words, whatever their case."
            value={detect.words ?? []}
            read={linesOf}
            onChange={(words) => onChange({ ...detect, words })}
          />
          <Typed
            key="patterns"
            label="Patterns"
            hint="Regular expressions, one a line, without look-around."
            value={detect.patterns ?? []}
            read={linesOf}
            onChange={(patterns) => onChange({ ...detect, patterns })}
          />
        </>
      )}
      {detect.kind === 'tools' && (
        <>
          <Typed
            key="names"
            label="Names"
            hint="One a line, * for anything: mcp__*__delete_*"
            value={detect.names ?? []}
            read={linesOf}
            onChange={(names) => onChange({ ...detect, names })}
          />
          <Typed
            key="arguments"
            label="Patterns of arguments"
            hint="Regular expressions over what a tool is called with, one a line."
            value={detect.arguments ?? []}
            read={linesOf}
            onChange={(patterns) => onChange({ ...detect, arguments: patterns })}
          />
        </>
      )}
      {detect.kind === 'engine' && <Service detect={detect} onChange={onChange} />}
    </>
  );
}

const STREAMS: readonly { value: Stream['mode']; label: string }[] = [
  { value: 'buffer', label: 'Keep it until the service has seen all of it' },
  { value: 'window', label: 'Pass on each part that the service has seen' },
  { value: 'async', label: 'Pass it on at once, and end it when the service objects' },
];

const WAITS: Record<Stream['mode'], Stream> = {
  buffer: { mode: 'buffer' },
  window: { mode: 'window', characters: 1000, overlap: 100 },
  async: { mode: 'async', characters: 1000 },
};

function Service({
  detect,
  onChange,
}: { detect: Extract<Detect, { kind: 'engine' }> } & Pick<Props, 'onChange'>) {
  return (
    <>
      <Field label="Service" hint="Its name in the configuration, under guardrails.engines.">
        <Input
          value={detect.engine}
          maxLength={64}
          onChange={(event) => onChange({ ...detect, engine: event.target.value })}
        />
      </Field>
      <Field label="When an answer is streamed">
        <Select
          options={STREAMS}
          value={detect.stream?.mode ?? 'buffer'}
          onChange={(mode) => onChange({ ...detect, stream: WAITS[mode] })}
        />
      </Field>
    </>
  );
}

function Rules({
  detect,
  onChange,
}: { detect: Extract<Detect, { kind: 'rules' }> } & Pick<Props, 'onChange'>) {
  const groups = detect.groups ?? [];
  const toggle = (group: Group, on: boolean) =>
    onChange({
      ...detect,
      groups: on ? [...groups, group] : groups.filter((other) => other !== group),
    });
  return (
    <>
      <div className="stack">
        {(Object.keys(GROUPS) as Group[]).map((group) => (
          <Checkbox
            key={group}
            label={GROUPS[group].title}
            hint={GROUPS[group].about}
            checked={groups.includes(group)}
            onChange={(on) => toggle(group, on)}
          />
        ))}
      </div>
      <Typed
        label="But not these rules"
        hint="Names of rules that are wrong too often here."
        value={detect.except ?? []}
        read={listOf}
        onChange={(except) => onChange({ ...detect, except })}
        rows={1}
      />
      {groups.includes('personal') && (
        <Typed
          label="Countries"
          hint="As in us, de, jp; empty: all. What is the same everywhere is always looked for."
          value={detect.regions ?? []}
          read={(typed) => listOf(typed.toLowerCase())}
          onChange={(regions) => onChange({ ...detect, regions })}
          rows={1}
        />
      )}
    </>
  );
}

interface TypedProps {
  label: string;
  hint: string;
  value: readonly string[];
  read: (typed: string) => string[];
  onChange: (value: string[]) => void;
  rows?: number;
}

/** A list as it is typed: what is half typed stays as it is. */
export function Typed({ label, hint, value, read, onChange, rows = 3 }: TypedProps) {
  const [typed, setTyped] = useState(value.join(rows > 1 ? '\n' : ', '));
  const type = (next: string) => {
    setTyped(next);
    onChange(read(next));
  };
  return (
    <Field label={label} hint={hint}>
      {rows > 1 ? (
        <TextArea rows={rows} value={typed} onChange={(event) => type(event.target.value)} />
      ) : (
        <Input value={typed} onChange={(event) => type(event.target.value)} />
      )}
    </Field>
  );
}
