/** Search and commands: pages, actions, and devices, apps and MCP servers by name. */
import { Command } from 'cmdk';
import { AppWindow, Blocks, Keyboard, Laptop, LogOut, Moon, Sun } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { type ReactNode, useDeferredValue, useState } from 'react';
import { useNavigate } from 'react-router';
import { useGet } from '@/api/query';
import { useSignOut } from '@/api/session';
import { plural } from '@/format/format';
import { Kbd } from '@/ui/Kbd';
import overlay from '@/ui/overlay.module.css';
import styles from './Palette.module.css';
import { PLACES } from './places';
import { useTheme } from './theme';

interface Props {
  onClose: () => void;
  onHelp: () => void;
}

export function Palette({ onClose, onHelp }: Props) {
  const [typed, setTyped] = useState('');
  const asked = useDeferredValue(typed.trim());
  const navigate = useNavigate();
  const [, setTheme] = useTheme();
  const signOut = useSignOut();
  const then = (act: () => void) => () => {
    onClose();
    act();
  };
  const go = (path: string) => then(() => void navigate(path));
  return (
    <Dialog.Root open onOpenChange={(open) => !open && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className={overlay.scrim} />
        <Dialog.Content className={styles.panel} aria-describedby={undefined}>
          <Dialog.Title className="sr-only">Search and commands</Dialog.Title>
          <Command label="Search and commands" loop>
            <Command.Input
              className={styles.input}
              value={typed}
              onValueChange={setTyped}
              placeholder="Go to a page, a device, an app, a server…"
            />
            <Command.List className={styles.list} label="Results">
              <Command.Empty className={styles.empty}>Nothing by that name.</Command.Empty>
              <Command.Group heading="Pages">
                {PLACES.map(({ path, title, icon: Icon, key, words }) => (
                  <Item
                    key={path}
                    value={`page ${title}`}
                    words={[words ?? '']}
                    icon={<Icon size={16} />}
                    onSelect={go(path)}
                    hint={
                      <>
                        <Kbd>g</Kbd>
                        <Kbd>{key}</Kbd>
                      </>
                    }
                  >
                    {title}
                  </Item>
                ))}
              </Command.Group>
              {asked.length > 1 && <Found asked={asked} go={go} />}
              <Command.Group heading="Actions">
                <Item
                  value="theme light"
                  icon={<Sun size={16} />}
                  onSelect={then(() => setTheme('light'))}
                >
                  Light theme
                </Item>
                <Item
                  value="theme dark"
                  icon={<Moon size={16} />}
                  onSelect={then(() => setTheme('dark'))}
                >
                  Dark theme
                </Item>
                <Item
                  value="keyboard shortcuts help"
                  icon={<Keyboard size={16} />}
                  onSelect={then(onHelp)}
                >
                  Keyboard shortcuts
                </Item>
                <Item
                  value="sign out"
                  icon={<LogOut size={16} />}
                  onSelect={then(() => void signOut())}
                >
                  Sign out
                </Item>
              </Command.Group>
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** What the gateway knows by that name. */
function Found({ asked, go }: { asked: string; go: (path: string) => () => void }) {
  const devices = useGet('/api/v1/devices', { params: { query: { hostname: asked, limit: 6 } } });
  const servers = useGet('/api/v1/edge/mcp-servers', { params: { query: { q: asked, limit: 6 } } });
  const apps = useGet('/api/v1/edge/apps');
  const word = asked.toLowerCase();
  const named =
    apps.data?.items.filter(({ app }) => app.toLowerCase().includes(word)).slice(0, 6) ?? [];
  return (
    <>
      {devices.data && devices.data.items.length > 0 && (
        <Command.Group heading="Devices">
          {devices.data.items.map(({ id, hostname, owner }) => (
            <Item
              key={id}
              value={`device ${id}`}
              words={[hostname, asked]}
              icon={<Laptop size={16} />}
              onSelect={go(`/devices/${encodeURIComponent(id)}`)}
              hint={owner?.name}
            >
              {hostname}
            </Item>
          ))}
        </Command.Group>
      )}
      {named.length > 0 && (
        <Command.Group heading="Apps">
          {named.map(({ app, vendor }) => (
            <Item
              key={app}
              value={`app ${app}`}
              words={[asked]}
              icon={<AppWindow size={16} />}
              onSelect={go(`/apps/${encodeURIComponent(app)}`)}
              hint={vendor}
            >
              {app}
            </Item>
          ))}
        </Command.Group>
      )}
      {servers.data && servers.data.items.length > 0 && (
        <Command.Group heading="MCP servers">
          {servers.data.items.map(({ identity, names, devices: many }) => (
            <Item
              key={identity}
              value={`mcp ${identity}`}
              words={[...names, asked]}
              icon={<Blocks size={16} />}
              onSelect={go(`/mcp-servers/${encodeURIComponent(identity)}`)}
              hint={plural(many, 'device')}
            >
              {names[0] ?? identity}
            </Item>
          ))}
        </Command.Group>
      )}
    </>
  );
}

interface ItemProps {
  value: string;
  words?: string[];
  icon: ReactNode;
  hint?: ReactNode;
  onSelect: () => void;
  children: ReactNode;
}

function Item({ value, words, icon, hint, onSelect, children }: ItemProps) {
  return (
    <Command.Item className={styles.item} value={value} keywords={words} onSelect={onSelect}>
      {icon}
      <span className="truncate">{children}</span>
      {hint && <span className={styles.hint}>{hint}</span>}
    </Command.Item>
  );
}
