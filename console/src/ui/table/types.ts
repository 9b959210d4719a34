import type { ReactNode } from 'react';

export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** Figures go to the right. */
  align?: 'start' | 'end';
  /** A grid track: `120px`, `minmax(160px, 2fr)`; `minmax(120px, 1fr)` unless told. */
  width?: string;
  /** Left out where the table is narrower than this many pixels. */
  from?: number;
  /** Left out where the table is as wide as this or wider: what narrow tables say in one column. */
  until?: number;
  /** The API's name for sorting by this; only where it sorts. */
  sort?: string;
  /** Explains the column's meaning in its header's title. */
  about?: string;
}

export interface Sort {
  by: string;
  dir: 'asc' | 'desc';
}
