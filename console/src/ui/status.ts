/** Every state the console names: its word, its tone, its shape, and what it means. One place, so
 * that the same thing looks and reads the same everywhere. */

export type Tone = 'ok' | 'warn' | 'bad' | 'idle';
/** Shapes differ as well as colours do, for those who see no colours. */
export type Shape = 'check' | 'ring' | 'cross' | 'half' | 'triangle' | 'dash' | 'dot';

export interface Status {
  word: string;
  tone: Tone;
  shape: Shape;
  /** One sentence for the tooltip. */
  means: string;
}

const status = (word: string, tone: Tone, shape: Shape, means: string): Status => ({
  word,
  tone,
  shape,
  means,
});

export const STATUS = {
  approved: status('Approved', 'ok', 'check', 'May be used; its traffic goes through the gateway.'),
  pending: status('Pending', 'warn', 'ring', 'Nobody has decided; the default holds.'),
  denied: status('Denied', 'bad', 'cross', 'Refused on every device this applies to.'),

  verified: status('Verified', 'ok', 'check', 'The device checked that the decision is in force.'),
  pending_restart: status('Pending restart', 'warn', 'half', 'In force once the app restarts.'),
  shadowed: status('Shadowed', 'warn', 'triangle', 'A setting of higher rank overrides it.'),
  unsupported: status('Unsupported', 'idle', 'dash', 'This client offers no means to enforce it.'),
  failed: status('Failed', 'bad', 'cross', 'Applying it failed; the detail says why.'),
  unreported: status(
    'Not reported',
    'idle',
    'ring',
    'The device has not said yet what came of it.',
  ),
  other: status('Other', 'idle', 'dot', 'The device reports a state this gateway does not know.'),

  online: status('Online', 'ok', 'dot', 'Checked in within its interval.'),
  late: status('Late', 'warn', 'half', 'A check-in is overdue.'),
  missing: status('Missing', 'bad', 'ring', 'Not heard of for a long time.'),
  disabled: status('Disabled', 'idle', 'dash', 'Switched off by an administrator.'),
  quarantined: status('Quarantined', 'bad', 'triangle', 'Two machines use this device’s key.'),

  open: status('Open', 'warn', 'ring', 'Waits for an answer.'),
  granted: status('Granted', 'ok', 'check', 'Was approved.'),
  declined: status('Declined', 'bad', 'cross', 'Was refused.'),

  healthy: status('Healthy', 'ok', 'check', 'The last call succeeded.'),
  failing: status('Failing', 'bad', 'triangle', 'The last call failed.'),
  unknown: status('Not called yet', 'idle', 'ring', 'No call went there since the start.'),

  active: status('Active', 'ok', 'check', 'In use.'),
  revoked: status('Revoked', 'bad', 'cross', 'Refused for good.'),
  expired: status('Expired', 'idle', 'dash', 'Its time is over.'),

  completed: status('Completed', 'ok', 'check', 'The answer was sent whole.'),
  refused: status('Refused', 'bad', 'cross', 'The gateway did not let it pass.'),
  upstream_broken: status('Upstream broke', 'bad', 'triangle', 'The provider failed midway.'),
  client_gone: status('Client left', 'warn', 'half', 'The client closed before the end.'),
} as const satisfies Record<string, Status>;

export type StatusName = keyof typeof STATUS;
