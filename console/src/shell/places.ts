/** Where the console has pages: the navigation, the palette and the `g` keys read this. */
import {
  Activity,
  AppWindow,
  Blocks,
  ChartColumn,
  CircleGauge,
  Cloud,
  Inbox,
  KeyRound,
  LayoutDashboard,
  Laptop,
  type LucideIcon,
  ScrollText,
  Settings,
  ShieldCheck,
  UserRound,
  UsersRound,
} from 'lucide-react';

export interface Place {
  path: string;
  title: string;
  icon: LucideIcon;
  /** Pressed after `g`. */
  key: string;
  /** Further words by which the palette finds it. */
  words?: string;
}

export interface Section {
  title: string | null;
  places: readonly Place[];
}

export const SECTIONS: readonly Section[] = [
  {
    title: null,
    places: [{ path: '/', title: 'Overview', icon: LayoutDashboard, key: 'o', words: 'home' }],
  },
  {
    title: 'Fleet',
    places: [
      {
        path: '/devices',
        title: 'Devices',
        icon: Laptop,
        key: 'd',
        words: 'machines laptops hosts',
      },
      { path: '/apps', title: 'Apps', icon: AppWindow, key: 'a', words: 'applications' },
      { path: '/mcp-servers', title: 'MCP servers', icon: Blocks, key: 'm', words: 'tools' },
      {
        path: '/access-requests',
        title: 'Requests',
        icon: Inbox,
        key: 'q',
        words: 'access from users',
      },
    ],
  },
  {
    title: 'Traffic',
    places: [
      { path: '/requests', title: 'Request log', icon: Activity, key: 'r', words: 'calls prompts' },
      { path: '/usage', title: 'Usage', icon: ChartColumn, key: 'u', words: 'spend cost tokens' },
      { path: '/keys', title: 'Keys', icon: KeyRound, key: 'k', words: 'virtual api' },
      { path: '/teams', title: 'Teams', icon: UsersRound, key: 't' },
      { path: '/users', title: 'Users', icon: UserRound, key: 'e', words: 'people' },
      { path: '/budgets', title: 'Budgets & limits', icon: CircleGauge, key: 'b', words: 'rate' },
      {
        path: '/providers',
        title: 'Providers',
        icon: Cloud,
        key: 'p',
        words: 'openai anthropic bedrock gemini models',
      },
    ],
  },
  {
    title: 'Trust',
    places: [
      {
        path: '/guardrails',
        title: 'Guardrails',
        icon: ShieldCheck,
        key: 'c',
        words: 'dlp secrets pii personal data redact block findings rules',
      },
      { path: '/audit', title: 'Audit', icon: ScrollText, key: 'l', words: 'history log who' },
      {
        path: '/settings',
        title: 'Settings',
        icon: Settings,
        key: 's',
        words: 'oidc scim accounts tokens certificate',
      },
    ],
  },
];

export const PLACES: readonly Place[] = SECTIONS.flatMap((section) => section.places);

/** The place an address belongs to. */
export function placeOf(path: string): Place | undefined {
  return PLACES.find(
    ({ path: own }) => own === path || (own !== '/' && path.startsWith(`${own}/`)),
  );
}
