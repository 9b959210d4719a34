/** Granting or declining what somebody asked for: at once, or with words for them. */
import { Check, X } from 'lucide-react';
import { useState } from 'react';
import { useAct } from '@/api/act';
import { type Schema, call, http } from '@/api/client';
import { useMay } from '@/api/session';
import { Button, Dialog, Field, Form, Select, TextArea } from '@/ui';
import styles from '../parts/fleet.module.css';

type Request = Schema<'AccessRequest'>;
type Way = 'grant' | 'decline';

export function AnswerButtons({ request }: { request: Request }) {
  const may = useMay('decide');
  const [way, setWay] = useState<Way | null>(null);
  if (!may) return null;
  return (
    <div className={styles.acts}>
      <Button small onClick={() => setWay('grant')} aria-label={`Grant ${request.item}`}>
        <Check size={13} aria-hidden /> Grant…
      </Button>
      <Button
        small
        look="danger"
        onClick={() => setWay('decline')}
        aria-label={`Decline ${request.item}`}
      >
        <X size={13} aria-hidden /> Decline…
      </Button>
      {way && <AnswerDialog request={request} way={way} onClose={() => setWay(null)} />}
    </div>
  );
}

const ASKED: Record<string, string> = {
  app: 'an app',
  mcp_server: 'an MCP server',
  support: 'support for an app',
};

type Whom = 'device' | 'fleet' | 'none';

interface Props {
  request: Request;
  way: Way;
  onClose: () => void;
}

function AnswerDialog({ request, way, onClose }: Props) {
  const { id, kind, item, hostname, os_user, reason, device } = request;
  const [answer, setAnswer] = useState('');
  const decidable = kind !== 'support';
  const [whom, setWhom] = useState<Whom>(decidable ? 'device' : 'none');
  const grant = way === 'grant';
  const act = useAct({
    run: () => {
      const params = { path: { id } };
      const words = answer.trim() ? { answer: answer.trim() } : {};
      if (!grant) {
        const path = '/api/v1/edge/access-requests/{id}/decline';
        return call(http.POST(path, { params, body: words }));
      }
      const approve =
        whom === 'none' ? {} : { approve_for: whom === 'fleet' ? 'fleet' : `device:${device}` };
      const body = { ...words, ...approve };
      return call(http.POST('/api/v1/edge/access-requests/{id}/grant', { params, body }));
    },
    done: () => `${grant ? 'Granted' : 'Declined'}; ${os_user} reads it at the next check-in`,
    topics: ['access_requests', 'policy', 'effects', 'audit'],
    form: true,
    then: onClose,
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={`${grant ? 'Grant' : 'Decline'} ${item}`}
      about={`${os_user} on ${hostname} asks for ${ASKED[kind] ?? kind}.`}
      width={460}
      foot={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            form="answer"
            look={grant ? 'primary' : 'dangerFill'}
            pending={act.pending}
          >
            {grant ? 'Grant' : 'Decline'}
          </Button>
        </>
      }
    >
      <p className={styles.quote}>{reason}</p>
      <Form id="answer" onSubmit={() => act.act()} problem={act.problem} shown={['/answer']}>
        {grant && decidable && (
          <Field label="Approve it for" hint="Granting cannot be taken back; the approval can.">
            <Select<Whom>
              value={whom}
              onChange={setWhom}
              options={[
                { value: 'device', label: `Only ${hostname}` },
                { value: 'fleet', label: 'The whole fleet' },
                { value: 'none', label: 'Nobody: only answer' },
              ]}
            />
          </Field>
        )}
        <Field
          label="Answer"
          hint={`${os_user} reads it in the tray; empty for none.`}
          error={act.problem?.field('/answer')}
        >
          <TextArea
            rows={3}
            maxLength={500}
            value={answer}
            onChange={(event) => setAnswer(event.target.value)}
          />
        </Field>
      </Form>
    </Dialog>
  );
}
