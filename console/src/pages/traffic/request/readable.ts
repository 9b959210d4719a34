/** The body of a call as text that a person can read: JSON is indented, what is no text is said so. */
import { bytes } from '@/format/format';

interface Body {
  data: string;
  encoding: string;
}

export function readable({ data, encoding }: Body): string {
  if (encoding !== 'utf8') return `${bytes(Math.floor((data.length * 3) / 4))} that are no text`;
  const text = data.trimStart();
  if (!text.startsWith('{') && !text.startsWith('[')) return data;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // It was cut at the limit of what is kept, or it is something else.
    return data;
  }
}
