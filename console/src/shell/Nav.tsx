/** The navigation at the left; on narrow screens the same in a drawer. Where one goes changes two of its links. */
import { PanelLeft } from 'lucide-react';
import { Fragment, memo } from 'react';
import { Link, useLocation, useNavigate } from 'react-router';
import { Button } from '@/ui/Button';
import { follow } from '@/ui/follow';
import styles from './Layout.module.css';
import { type Place, SECTIONS, placeOf } from './places';

interface Props {
  narrow: boolean;
  onCollapse?: () => void;
  /** A link was followed. */
  onFollow?: () => void;
}

export const Nav = memo(function Nav({ narrow, onCollapse, onFollow }: Props) {
  const here = placeOf(useLocation().pathname);
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
                  <Entry
                    place={place}
                    narrow={narrow}
                    current={place === here}
                    onFollow={onFollow}
                  />
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
});

interface EntryProps {
  place: Place;
  narrow: boolean;
  current: boolean;
  onFollow?: () => void;
}

const Entry = memo(function Entry({ place, narrow, current, onFollow }: EntryProps) {
  const { icon: Icon, path, title } = place;
  const navigate = useNavigate();
  const go = () => {
    const { pathname, search } = window.location;
    // Whoever is there already has no place to come back from.
    void navigate(path, { replace: pathname + search === path });
  };
  return (
    <a
      href={path}
      className={styles.link}
      aria-current={current ? 'page' : undefined}
      title={narrow ? title : undefined}
      aria-label={narrow ? title : undefined}
      onClick={(event) => {
        follow(event, go);
        onFollow?.();
      }}
    >
      <Icon size={16} strokeWidth={1.75} aria-hidden />
      <span>{title}</span>
    </a>
  );
});
