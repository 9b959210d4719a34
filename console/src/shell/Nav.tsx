/** The navigation at the left; on narrow screens the same in a drawer. */
import { PanelLeft } from 'lucide-react';
import { Fragment } from 'react';
import { Link, NavLink } from 'react-router';
import { Button } from '@/ui/Button';
import styles from './Layout.module.css';
import { type Place, SECTIONS } from './places';

interface Props {
  narrow: boolean;
  onCollapse?: () => void;
  /** A link was followed. */
  onFollow?: () => void;
}

export function Nav({ narrow, onCollapse, onFollow }: Props) {
  return (
    <nav className={styles.nav} aria-label="Pages">
      <Link to="/" className={styles.brand} onClick={onFollow} aria-label="Tidegate, overview">
        <img src="/icon.svg" alt="" />
        <span>Tidegate</span>
      </Link>
      <div className={styles.sections}>
        {SECTIONS.map((section) => (
          <Fragment key={section.title ?? ''}>
            {section.title && <div className={styles.section}>{section.title}</div>}
            <ul aria-label={section.title ?? undefined}>
              {section.places.map((place) => (
                <li key={place.path}>
                  <Entry place={place} narrow={narrow} onFollow={onFollow} />
                </li>
              ))}
            </ul>
          </Fragment>
        ))}
      </div>
      {onCollapse && (
        <div className={styles.collapse}>
          <Button
            look="quiet"
            onClick={onCollapse}
            aria-label={narrow ? 'Expand navigation' : 'Collapse navigation'}
            title={narrow ? 'Expand' : undefined}
          >
            <PanelLeft size={16} aria-hidden />
            <span>Collapse</span>
          </Button>
        </div>
      )}
    </nav>
  );
}

function Entry({
  place,
  narrow,
  onFollow,
}: {
  place: Place;
  narrow: boolean;
  onFollow?: () => void;
}) {
  const { icon: Icon, path, title } = place;
  return (
    <NavLink
      to={path}
      end={path === '/'}
      className={styles.link}
      title={narrow ? title : undefined}
      aria-label={narrow ? title : undefined}
      onClick={onFollow}
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden />
      <span>{title}</span>
    </NavLink>
  );
}
