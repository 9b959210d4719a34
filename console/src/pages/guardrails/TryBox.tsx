/** Tries a guardrail on a text. The text is not kept. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { call, http } from '@/api/client';
import { Button, CodeBlock, Field, Select, TextArea } from '@/ui';
import { type Definition, appliedWords } from './words';

export function TryBox({ definition }: { definition: Definition }) {
  const [text, setText] = useState('');
  const [phase, setPhase] = useState<'prompt' | 'answer'>('prompt');
  const [verdict, setVerdict] = useState<Awaited<ReturnType<typeof run>> | null>(null);
  const run = () =>
    call(http.POST('/api/v1/guardrails/test', { body: { definition, text, phase } }));
  const test = useAct({ run, done: () => null, topics: [], then: setVerdict });
  return (
    <section className="section">
      <h3>Try it</h3>
      <Field label="A text" hint="It is not kept, and no service of others is asked.">
        <TextArea
          rows={4}
          className="mono"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Field>
      <div className="row">
        <Select
          aria-label="As a prompt or as an answer"
          options={[
            { value: 'prompt', label: 'As a prompt' },
            { value: 'answer', label: 'As an answer' },
          ]}
          value={phase}
          onChange={setPhase}
        />
        <Button pending={test.pending} onClick={() => test.act()} disabled={text === ''}>
          Try
        </Button>
      </div>
      {verdict && (
        <div className="stack" role="status">
          <ul className="small">
            {verdict.applied.map((applied) => (
              <li key={`${applied.detector} ${applied.action}`}>{appliedWords(applied)}</li>
            ))}
            {verdict.found.length === 0 && <li>Nothing was found.</li>}
          </ul>
          {verdict.blocked ? (
            <p>It would be blocked: nothing is sent.</p>
          ) : (
            <CodeBlock label="The text as it would go on" text={verdict.text ?? ''} wrap />
          )}
        </div>
      )}
    </section>
  );
}
