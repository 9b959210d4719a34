/** The rows of a list as a file. The gateway makes a table where `accept` asks for one, which a plain
 * link cannot do. */
import { type MouseEvent, useState } from 'react';
import { ApiProblem } from '@/api/problem';
import { toast } from '../toasts';

/** `/api/v1/edge/mcp-servers?…` becomes `mcp-servers.csv`. */
export function fileName(address: string): string {
  const path = new URL(address, window.location.origin).pathname;
  return `${path.split('/').pop() || 'export'}.csv`;
}

async function save(address: string): Promise<void> {
  let response: Response;
  try {
    response = await fetch(address, {
      headers: { accept: 'text/csv' },
      credentials: 'same-origin',
    });
  } catch (thrown) {
    throw ApiProblem.of(thrown);
  }
  if (!response.ok) throw await ApiProblem.read(response);
  const url = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = url;
  link.download = fileName(address);
  link.click();
  // The browser has begun to save it by then.
  window.setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export function CsvLink({ address }: { address: string }) {
  const [busy, setBusy] = useState(false);
  const click = (event: MouseEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    save(address)
      .catch((thrown: unknown) => toast.problem(ApiProblem.of(thrown)))
      .finally(() => setBusy(false));
  };
  return (
    <a href={address} download={fileName(address)} onClick={click} aria-busy={busy || undefined}>
      {busy ? 'Exporting…' : 'Export CSV'}
    </a>
  );
}
