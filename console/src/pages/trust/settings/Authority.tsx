/** The certificate authority that devices trust: its fingerprint, its certificate, and replacing it. */
import { useState } from 'react';
import { useAct } from '@/api/act';
import { call, http } from '@/api/client';
import { useGet } from '@/api/query';
import { useMay } from '@/api/session';
import {
  Button,
  ButtonAnchor,
  ConfirmDialog,
  Copy,
  Dialog,
  Field,
  Form,
  KeyValue,
  Load,
  RelativeTime,
  TextArea,
} from '@/ui';
import { middle } from '../../fleet/parts/words';

export function Authority() {
  const authority = useGet('/api/v1/edge/authority');
  const [replacing, setReplacing] = useState(false);
  const administers = useMay('administer');
  return (
    <Load query={authority}>
      {({ name, since, expires_at, fingerprint_sha256, policy_key }) => (
        <section className="section">
          <p className="secondary">
            The gateway signs short-lived certificates for devices with it, so that agents can read
            the AI traffic of their own machine. Its key is sealed in the database and never leaves
            the gateway.
          </p>
          <KeyValue
            rows={[
              ['Name', name],
              [
                'SHA-256',
                <Copy
                  key="sha"
                  text={fingerprint_sha256}
                  shown={middle(fingerprint_sha256.replace(/(..)(?=.)/g, '$1:'), 47)}
                />,
              ],
              ['Since', <RelativeTime key="since" at={since} />],
              ['Valid until', <RelativeTime key="until" at={expires_at} />],
              [
                'Policies are signed by',
                <Copy key="key" text={policy_key} shown={middle(policy_key, 30)} />,
              ],
            ]}
          />
          <div className="row">
            <ButtonAnchor href="/api/v1/edge/authority/certificate" download="tidegate-ca.pem">
              Download certificate
            </ButtonAnchor>
            {administers && <Button onClick={() => setReplacing(true)}>Replace…</Button>}
          </div>
          {replacing && <Replace onClose={() => setReplacing(false)} />}
        </section>
      )}
    </Load>
  );
}

function Replace({ onClose }: { onClose: () => void }) {
  const [certificate_pem, setCertificate] = useState('');
  const [private_key_pem, setKey] = useState('');
  const [sure, setSure] = useState(false);
  const devices = useGet('/api/v1/info').data?.counts.devices;
  const replace = useAct({
    run: () =>
      call(http.PUT('/api/v1/edge/authority', { body: { certificate_pem, private_key_pem } })),
    done: () => 'Certificate authority replaced',
    topics: ['settings', 'devices', 'audit'],
    form: true,
    then: onClose,
  });
  return (
    <>
      <Dialog
        open
        onClose={onClose}
        title="Replace the certificate authority"
        about="With one of your own: an intermediate made for this. Machines have to trust it before devices present its certificates."
        foot={
          <>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              look="danger"
              disabled={!certificate_pem || !private_key_pem}
              onClick={() => setSure(true)}
            >
              Replace…
            </Button>
          </>
        }
      >
        <Form
          onSubmit={() => setSure(true)}
          problem={replace.problem}
          shown={['/certificate_pem', '/private_key_pem']}
        >
          <Field
            label="Certificate (PEM)"
            hint="The one that signs, without the chain above it."
            error={replace.problem?.field('/certificate_pem')}
          >
            <TextArea
              rows={6}
              className="mono"
              value={certificate_pem}
              onChange={(event) => setCertificate(event.target.value)}
            />
          </Field>
          <Field
            label="Private key (PEM, PKCS#8)"
            hint="ECDSA P-256 or P-384, or RSA of 2,048 bits or more. It is sealed at once."
            error={replace.problem?.field('/private_key_pem')}
          >
            <TextArea
              rows={6}
              className="mono"
              autoComplete="off"
              spellCheck={false}
              value={private_key_pem}
              onChange={(event) => setKey(event.target.value)}
            />
          </Field>
        </Form>
      </Dialog>
      <ConfirmDialog
        open={sure}
        onClose={() => setSure(false)}
        title="Replace it now?"
        action="Replace authority"
        danger
        word="replace"
        devices={devices}
        pending={replace.pending}
        onConfirm={() => {
          setSure(false);
          replace.act();
        }}
      >
        Apps on machines that do not trust the new one refuse to connect. The old key is deleted and
        cannot be brought back.
      </ConfirmDialog>
    </>
  );
}
