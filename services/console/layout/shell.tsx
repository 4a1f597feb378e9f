import { AlertOutlined, FileDoneOutlined, SettingOutlined, VideoCameraOutlined } from '@ant-design/icons';
import { Suspense, useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, NavLink, Outlet, useLocation } from 'react-router-dom';
import { AlarmAnnouncer } from '../alarms/alarm-announcer.tsx';
import { PendingBadge } from '../alarms/pending-badge.tsx';
import { SoundSwitch } from '../alarms/sound-switch.tsx';
import { OfflineBanner } from '../cases/offline-banner.tsx';
import { ConnectionBanner } from '../feed/connection-banner.tsx';
import { isAllowed } from '../session/permissions.ts';
import { useSession } from '../session/session-context.ts';
import type { AppearanceControl } from './appearance.ts';
import { Clock } from './clock.tsx';
import { ConnectionMark } from './connection-mark.tsx';
import { LanguageSwitch } from './language-switch.tsx';
import styles from './shell.module.css';
import { Loading } from './states.tsx';
import { SYSTEM_PAGES } from './system-pages.ts';
import { UserMenu } from './user-menu.tsx';

/** The frame around every page: where one is, whether the hub is heard, what time it is. */
export function Shell({ appearance }: { readonly appearance: AppearanceControl }) {
  const { t } = useTranslation('shell');
  const { pathname } = useLocation();
  const session = useSession();
  const hasSystem = SYSTEM_PAGES.some(({ permission }) => isAllowed(session, permission));
  const isInSystem = pathname === '/system' || SYSTEM_PAGES.some(({ path }) => pathname.startsWith(path));
  const content = useRef<HTMLElement>(null);
  // Who goes by keyboard or by ear arrives where the new page begins.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the path is what it is about
  useEffect(() => content.current?.focus({ preventScroll: true }), [pathname]);
  return (
    <div className={styles.shell}>
      <a className={styles.skip} href="#content">
        {t('skip')}
      </a>
      <header className={styles.header}>
        <NavLink to="/" className={styles.brand ?? ''} aria-label={t('product')}>
          <img src="/dipper.svg" alt="" width={28} height={28} />
          <span className={styles.brandName}>{t('product')}</span>
        </NavLink>
        <nav className={styles.nav} aria-label={t('navigation')}>
          <NavLink to="/" end>
            <AlertOutlined aria-hidden="true" />
            <span>{t('nav.desk')}</span>
            <PendingBadge />
          </NavLink>
          <NavLink to="/cases">
            <FileDoneOutlined aria-hidden="true" />
            <span>{t('nav.cases')}</span>
          </NavLink>
          <NavLink to="/devices">
            <VideoCameraOutlined aria-hidden="true" />
            <span>{t('nav.devices')}</span>
          </NavLink>
          {hasSystem && (
            <Link to="/system" aria-current={isInSystem ? 'page' : undefined}>
              <SettingOutlined aria-hidden="true" />
              <span>{t('nav.system')}</span>
            </Link>
          )}
        </nav>
        <div className={styles.tools}>
          <ConnectionMark />
          <Clock />
          <SoundSwitch />
          <LanguageSwitch />
          <UserMenu appearance={appearance} />
        </div>
      </header>
      <ConnectionBanner />
      <OfflineBanner />
      <AlarmAnnouncer />
      <main ref={content} id="content" className={styles.content} tabIndex={-1}>
        <Suspense fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}
