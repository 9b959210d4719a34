/** The thin bar above every page: where one is, search, whether figures are live, the account. */
import {
  Keyboard,
  LogOut,
  Menu as Burger,
  Monitor,
  Moon,
  Search,
  Sun,
  UserRound,
} from 'lucide-react';
import { Fragment, memo } from 'react';
import { Link, useLocation } from 'react-router';
import { useSession, useSignOut } from '@/api/session';
import { type LiveState, useLive } from '@/live/live';
import { Button, IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { Menu, MenuItem, MenuLabel, MenuLine, MenuLink } from '@/ui/Menu';
import { StatusDot } from '@/ui/Badge';
import { Tooltip } from '@/ui/Tooltip';
import styles from './Layout.module.css';
import { useCrumb } from './crumb';
import { MOD } from './mod';
import { placeOf } from './places';
import { ROLES } from './roles';
import { type Theme, useTheme } from './theme';

interface Props {
  onMenu: () => void;
  onSearch: () => void;
  onHelp: () => void;
}

export const TopBar = memo(function TopBar({ onMenu, onSearch, onHelp }: Props) {
  return (
    <header className={styles.bar}>
      <IconButton label="Navigation" className={styles.burger} onClick={onMenu}>
        <Burger size={16} />
      </IconButton>
      <Crumbs />
      <div className={styles.tools}>
        <Button
          className={styles.find}
          onClick={onSearch}
          aria-label={`Search or jump to… ${MOD}K`}
        >
          <Search size={14} aria-hidden />
          <span>Search or jump to…</span>
          <Kbd>{`${MOD}K`}</Kbd>
        </Button>
        <Live />
        <AccountMenu onHelp={onHelp} />
      </div>
    </header>
  );
});

function Crumbs() {
  const { pathname } = useLocation();
  const place = placeOf(pathname);
  const own = useCrumb(pathname);
  const crumbs = place ? [{ to: place.path, title: place.title }] : [];
  if (own) crumbs.push({ to: pathname, title: own });
  return (
    <nav className={styles.crumbs} aria-label="Breadcrumb">
      {crumbs.map(({ to, title }, index) => (
        <Fragment key={to}>
          {index > 0 && <span aria-hidden>/</span>}
          {to === pathname ? (
            <span aria-current="page" className="truncate">
              {title}
            </span>
          ) : (
            <Link to={to}>{title}</Link>
          )}
        </Fragment>
      ))}
    </nav>
  );
}

const LIVE: Record<
  LiveState,
  { word: string; means: string; status: 'online' | 'late' | 'unknown' }
> = {
  live: { word: 'Live', means: 'Changes show by themselves.', status: 'online' },
  connecting: {
    word: 'Connecting',
    means: 'The stream of changes is being opened.',
    status: 'unknown',
  },
  reconnecting: {
    word: 'Reconnecting',
    means: 'No changes arrive right now; what is shown refreshes when you come back to the window.',
    status: 'late',
  },
  off: { word: 'Off', means: 'Nothing is listened to.', status: 'unknown' },
};

function Live() {
  const { word, means, status } = LIVE[useLive()];
  return (
    <Tooltip text={means} side="bottom">
      <button type="button" className={styles.live} aria-label={`${word}. ${means}`}>
        <StatusDot of={status}>
          <span>{word}</span>
        </StatusDot>
      </button>
    </Tooltip>
  );
}

const THEMES: readonly { theme: Theme; word: string; icon: typeof Sun }[] = [
  { theme: 'system', word: 'As the system', icon: Monitor },
  { theme: 'light', word: 'Light', icon: Sun },
  { theme: 'dark', word: 'Dark', icon: Moon },
];

function AccountMenu({ onHelp }: { onHelp: () => void }) {
  const { session } = useSession();
  const [theme, setTheme] = useTheme();
  const signOut = useSignOut();
  if (!session) return null;
  const { email, name, role } = session.account;
  return (
    <Menu
      trigger={
        <button type="button" className={styles.avatar} aria-label={`Account of ${email}`}>
          {(name || email).slice(0, 1)}
        </button>
      }
    >
      <div className={styles.who}>
        <div className="strong truncate">{name || email}</div>
        {name && <div className="muted truncate">{email}</div>}
        <div className="muted small">{ROLES[role].word}</div>
      </div>
      <MenuLine />
      <MenuLink to="/account" icon={<UserRound size={14} />}>
        Your account
      </MenuLink>
      <MenuItem onSelect={() => window.setTimeout(onHelp)} icon={<Keyboard size={14} />}>
        Keyboard shortcuts
      </MenuItem>
      <MenuLine />
      <MenuLabel>Theme</MenuLabel>
      {THEMES.map(({ theme: one, word, icon: Icon }) => (
        <MenuItem
          key={one}
          checked={theme === one}
          icon={<Icon size={14} />}
          onSelect={() => setTheme(one)}
        >
          {word}
        </MenuItem>
      ))}
      <MenuLine />
      <MenuItem onSelect={() => void signOut()} icon={<LogOut size={14} />}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
