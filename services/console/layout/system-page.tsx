import { useTranslation } from 'react-i18next';
import { Link } from 'react-router-dom';
import { isAllowed } from '../session/permissions.ts';
import { useSession } from '../session/session-context.ts';
import styles from './system-page.module.css';
import { SYSTEM_PAGES } from './system-pages.ts';

/** What there is besides the daily work, for whoever may use it. */
export function SystemPage() {
  const { t } = useTranslation('shell');
  const session = useSession();
  return (
    <article className={styles.page} aria-labelledby="system-title">
      <h1 id="system-title">{t('nav.system')}</h1>
      <ul className={styles.entries}>
        {SYSTEM_PAGES.filter(({ permission }) => isAllowed(session, permission)).map(({ path, name, Icon }) => (
          <li key={path}>
            <Link className={styles.entry} to={path}>
              <span className={styles.icon} aria-hidden="true">
                <Icon />
              </span>
              <span>
                <strong>{t(`nav.${name}`)}</strong>
                <span className={styles.hint}>{t(`systemHint.${name}`)}</span>
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </article>
  );
}
