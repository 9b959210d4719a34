/** What came of a decision over the fleet: as a small bar in lists, as a sentence whose figures lead to
 * their devices on pages. */
import { Link } from 'react-router';
import { count, plural } from '@/format/format';
import { StatusDot, cx } from '@/ui';
import { href } from '@/url/search';
import { type Summary, effectSentence, partsOf, reached, reported } from './effects';
import styles from './fleet.module.css';
import { type Decision, type Kind, itemFilter } from './words';

function Bar({ summary }: { summary: Summary }) {
  return (
    <span className={styles.stack} aria-hidden>
      {partsOf(summary).map(({ state, color, devices }) => (
        <span key={state} style={{ flexGrow: devices, background: color }} />
      ))}
    </span>
  );
}

interface InListProps {
  of: Summary;
  decision: Decision;
}

export function EffectInList({ of, decision }: InListProps) {
  if (of.devices === 0 || decision !== 'denied') {
    return (
      <span className="muted" title="Nothing has to be enforced, so devices report nothing.">
        –
      </span>
    );
  }
  return (
    <span className={styles.effect} title={effectSentence(of)}>
      <Bar summary={of} />
      <span className="truncate">
        {count(of.verified)} of {count(reached(of))}
      </span>
    </span>
  );
}

interface SentenceProps {
  of: Summary;
  decision: Decision;
  kind: Kind;
  item: string;
}

const WORD: Record<Decision, string> = {
  approved: 'Approved',
  pending: 'Pending',
  denied: 'Denied',
};

export function EffectSentence({ of, decision, kind, item }: SentenceProps) {
  const filter = itemFilter(kind, item);
  if (of.devices === 0) {
    return <p className="secondary">On no device now. The decision holds where it appears.</p>;
  }
  if (decision !== 'denied' && reported(of) === 0) {
    return (
      <p className={cx('secondary', styles.prose)}>
        {WORD[decision]} on{' '}
        <Link to={href('/devices', filter)}>{plural(of.devices, 'device')}</Link>: nothing has to be
        enforced.
      </p>
    );
  }
  // Where the fleet's decision asks for nothing, only those for teams and devices are reported on.
  const narrower = decision !== 'denied';
  return (
    <div className={styles.sentence} aria-live="polite">
      {!narrower && <Bar summary={of} />}
      {narrower ? (
        <span>
          {WORD[decision]} on{' '}
          <Link to={href('/devices', filter)}>{plural(of.devices, 'device')}</Link>. Decisions for
          teams and devices:
        </span>
      ) : (
        <span>
          {WORD[decision]}: verified on{' '}
          <Link to={href('/devices', { ...filter, effect: 'verified' })}>{count(of.verified)}</Link>{' '}
          of <Link to={href('/devices', filter)}>{count(reached(of))}</Link>
        </span>
      )}
      {partsOf(of)
        .filter(({ state }) => (narrower ? state !== 'unreported' : state !== 'verified'))
        .map(({ state, word, devices }) =>
          state === 'unreported' ? (
            <StatusDot key={state} of="unreported">
              {count(devices)} {word}
            </StatusDot>
          ) : (
            <Link key={state} to={href('/devices', { ...filter, effect: state })}>
              <StatusDot of={state}>
                {count(devices)} {word}
              </StatusDot>
            </Link>
          ),
        )}
    </div>
  );
}
