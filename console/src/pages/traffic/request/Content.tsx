/** Prompt and answer of a call, where its key keeps them and the reader may read them. */
import { useMemo } from 'react';
import type { Schema } from '@/api/client';
import { CodeBlock, EmptyState } from '@/ui';
import type { Call } from './columns';
import { readable } from './readable';

interface Props {
  call: Call;
  content: Schema<'Content'> | null;
}

export function Content({ call, content }: Props) {
  if (content) {
    return (
      <div className="columns">
        <Body label="Prompt" body={content.prompt} />
        <Body label="Answer" body={content.answer} />
      </div>
    );
  }
  return call.has_content ? (
    <EmptyState title="Kept, and not shown to this role">
      Only administrators and the security team read what was said.
    </EmptyState>
  ) : (
    <EmptyState title="Not kept">
      The gateway keeps prompts and answers only for keys that are set to log content. Nothing else
      of them is stored.
    </EmptyState>
  );
}

function Body({ label, body }: { label: string; body: Schema<'BodyText'> }) {
  const text = useMemo(() => readable(body), [body]);
  return (
    <div className="stack">
      <h3>{label}</h3>
      <CodeBlock label={label} text={text} wrap />
    </div>
  );
}
