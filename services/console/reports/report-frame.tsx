import type { ReactNode } from 'react';
import { LanguageSwitch } from '../layout/language-switch.tsx';
import styles from './report.module.css';

/** The frame of pages that anybody may open: nothing of the system shows but its name. */
export function ReportFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main className={styles.page}>
      <header className={styles.head}>
        <img src="/dipper.svg" alt="" width={32} height={32} />
        <h1>{title}</h1>
        <LanguageSwitch />
      </header>
      <section className={styles.card}>{children}</section>
    </main>
  );
}
