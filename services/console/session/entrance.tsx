import type { ReactNode } from 'react';
import { LanguageSwitch } from '../layout/language-switch.tsx';
import styles from './sign-in-page.module.css';

interface EntranceProps {
  readonly titleId: string;
  readonly title: string;
  readonly tagline: string;
  readonly children: ReactNode;
}

/** What stands around the forms of those who are not signed in. */
export function Entrance({ titleId, title, tagline, children }: EntranceProps) {
  return (
    <main className={styles.page}>
      <div className={styles.corner}>
        <LanguageSwitch />
      </div>
      <section className={styles.card} aria-labelledby={titleId}>
        <img src="/dipper.svg" alt="" width={56} height={56} />
        <h1 id={titleId} className={styles.title}>
          {title}
        </h1>
        <p className={styles.tagline}>{tagline}</p>
        {children}
      </section>
    </main>
  );
}
