/** The steps that a call went through in the gateway, and where it stopped. */
import { Check, Minus, TriangleAlert, X } from 'lucide-react';
import type { Schema } from '@/api/client';
import { cx } from '@/ui';
import styles from './request.module.css';

type Step = Schema<'TrailStep'>;

const STEPS: Record<Step['step'], string> = {
  route: 'Route',
  identity: 'Identity',
  policy: 'Policy of the device',
  body: 'Request',
  model: 'Model',
  limits: 'Limits and budgets',
  guardrails: 'Guardrails',
  upstream: 'Provider',
  answer: 'Answer',
};

const VERDICTS: Record<Step['verdict'], { word: string; look: string; icon: typeof Check }> = {
  passed: { word: 'passed', look: 'ok', icon: Check },
  refused: { word: 'refused', look: 'bad', icon: X },
  failed: { word: 'failed', look: 'bad', icon: TriangleAlert },
  not_reached: { word: 'not reached', look: 'idle', icon: Minus },
  not_applicable: { word: 'does not apply', look: 'idle', icon: Minus },
};

export function Trail({ steps }: { steps: readonly Step[] }) {
  return (
    <ol className={styles.trail}>
      {steps.map(({ step, verdict, detail }) => {
        const { word, look, icon: Icon } = VERDICTS[verdict];
        return (
          <li key={step} className={cx(styles.step, styles[look])}>
            <span className={styles.mark}>
              <Icon size={13} aria-hidden />
            </span>
            <div>
              <div className="row">
                <span className="strong">{STEPS[step]}</span>
                <span className={cx(styles.verdict, 'small')}>{word}</span>
              </div>
              <div className="secondary">{withCode(detail)}</div>
            </div>
          </li>
        );
      })}
    </ol>
  );
}

/** What stands between backticks is a name of the machine's. */
function withCode(text: string) {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part));
}
