/** The head of a device's page: its state and acts, and what is wrong with it. */
import {
  Ban,
  CircleCheck,
  EllipsisVertical,
  FolderInput,
  RefreshCw,
  Trash2,
  TriangleAlert,
} from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useNavigate } from 'react-router';
import { useAct } from '@/api/act';
import { call, http } from '@/api/client';
import { useMay } from '@/api/session';
import {
  Button,
  ButtonLink,
  ConfirmDialog,
  IconButton,
  Menu,
  MenuItem,
  PageHeader,
  RelativeTime,
  StatusBadge,
  cx,
} from '@/ui';
import { href } from '@/url/search';
import styles from '../parts/fleet.module.css';
import { MoveDialog } from './MoveDialog';
import type { Device } from './columns';

interface Props {
  device: Device;
}

export function Header({ device }: Props) {
  const { id, hostname, name, owner } = device;
  const may = useMay('devices');
  const path = { id };
  const [removing, setRemoving] = useState(false);
  const [moving, setMoving] = useState(false);
  const navigate = useNavigate();
  const sync = useAct({
    run: () => call(http.POST('/api/v1/devices/{id}/scan', { params: { path } })),
    done: () => `${hostname} was asked to sync and scan`,
    topics: ['devices', 'audit'],
  });
  const disable = useAct({
    run: (disabled: boolean) =>
      call(http.PATCH('/api/v1/devices/{id}', { params: { path }, body: { disabled } })),
    done: (_, disabled) =>
      `${hostname} ${disabled ? 'disabled: its calls are refused' : 'enabled'}`,
    undo: (_, disabled) =>
      call(http.PATCH('/api/v1/devices/{id}', { params: { path }, body: { disabled: !disabled } })),
    topics: ['devices', 'audit'],
  });
  const remove = useAct({
    run: () => call(http.DELETE('/api/v1/devices/{id}', { params: { path } })),
    done: () => `${hostname} removed`,
    topics: ['devices', 'keys', 'audit'],
    then: () => void navigate('/devices'),
  });
  return (
    <>
      <PageHeader
        title={hostname}
        badges={<State device={device} />}
        about={
          <>
            {name !== hostname && `${name} · `}
            {owner ? `${owner.name} · ${owner.email}` : 'Belongs to nobody yet'}
          </>
        }
        actions={
          <>
            <ButtonLink to={href('/requests', { device: id })}>Its requests</ButtonLink>
            {may && (
              <Button
                onClick={() => sync.act()}
                pending={sync.pending}
                disabled={device.scan_pending}
                title={
                  device.scan_pending
                    ? 'It was asked already and has not checked in since.'
                    : 'Fetches the policy and looks at everything anew, at its next check-in.'
                }
              >
                <RefreshCw size={14} aria-hidden />{' '}
                {device.scan_pending ? 'Waits for check-in' : 'Sync now'}
              </Button>
            )}
            {may && (
              <Menu
                trigger={
                  <IconButton label="More" look="default">
                    <EllipsisVertical size={15} />
                  </IconButton>
                }
              >
                <MenuItem
                  icon={device.disabled ? <CircleCheck size={14} /> : <Ban size={14} />}
                  onSelect={() => disable.act(!device.disabled)}
                >
                  {device.disabled ? 'Enable' : 'Disable'}
                </MenuItem>
                <MenuItem
                  icon={<FolderInput size={14} />}
                  onSelect={() => window.setTimeout(() => setMoving(true))}
                >
                  Move to group…
                </MenuItem>
                <MenuItem
                  danger
                  icon={<Trash2 size={14} />}
                  onSelect={() => window.setTimeout(() => setRemoving(true))}
                >
                  Remove…
                </MenuItem>
              </Menu>
            )}
          </>
        }
      />
      {moving && <MoveDialog devices={[id]} from={device.group} onClose={() => setMoving(false)} />}
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Remove ${hostname}?`}
        action="Remove device"
        danger
        devices={1}
        pending={remove.pending}
        onConfirm={() => remove.act()}
      >
        Its key and certificate stop working at once, and the agent takes its changes back. The log
        keeps its calls. It comes back only by enrolling anew.
      </ConfirmDialog>
    </>
  );
}

function State({ device }: Props) {
  return (
    <>
      {device.quarantine && <StatusBadge of="quarantined" />}
      {device.disabled && <StatusBadge of="disabled" />}
      <StatusBadge of={device.presence} />
    </>
  );
}

function Notice({ tone, children }: { tone: 'bad' | 'warn'; children: ReactNode }) {
  return (
    <div className={cx(styles.notice, styles[tone])} role="status">
      <TriangleAlert size={16} aria-hidden />
      <div className="stack">{children}</div>
    </div>
  );
}

/** What somebody has to look at. */
export function Notices({ device }: Props) {
  const { id, quarantine, effective, problem } = device;
  const may = useMay('devices');
  const clear = useAct({
    run: () =>
      call(http.POST('/api/v1/devices/{id}/clear-quarantine', { params: { path: { id } } })),
    done: () => 'Quarantine cleared',
    topics: ['devices', 'audit'],
  });
  return (
    <>
      {quarantine && (
        <Notice tone="bad">
          <div>
            <div className="strong">
              Two machines may use this device’s key, since <RelativeTime at={quarantine.since} />
            </div>
            <div className="secondary">
              {quarantine.reason}. If it was copied, remove it and enrol both anew; if it was
              restored from a backup, clear this.
            </div>
          </div>
          {may && (
            <div>
              <Button small onClick={() => clear.act()} pending={clear.pending}>
                Clear quarantine
              </Button>
            </div>
          )}
        </Notice>
      )}
      {effective === false && (
        <Notice tone="warn">
          <div>
            <div className="strong">It says that it does not govern</div>
            <div className="secondary">
              {problem ?? 'The agent gave no reason.'} Until it does, calls from it may reach
              providers directly.
            </div>
          </div>
        </Notice>
      )}
    </>
  );
}
