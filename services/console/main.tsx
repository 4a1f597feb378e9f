import { QueryClientProvider } from '@tanstack/react-query';
import { createRoot } from 'react-dom/client';
import { I18nextProvider } from 'react-i18next';
import { HubProvider } from './api/hub-context.ts';
import { App } from './app.tsx';
import { createHub } from './hub.ts';
import { en } from './i18n/en.ts';
import { createI18n } from './i18n/i18n.ts';
import { zh } from './i18n/zh.ts';
import { isTooOld } from './layout/browser-age.ts';
import './layout/theme.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

if (isTooOld()) {
  root.textContent = `${zh.shell.tooOld} ${en.shell.tooOld}`;
  throw new Error('browser too old');
}

const { hub, queryClient } = createHub();
createRoot(root).render(
  <I18nextProvider i18n={createI18n()}>
    <QueryClientProvider client={queryClient}>
      <HubProvider value={hub}>
        <App />
      </HubProvider>
    </QueryClientProvider>
  </I18nextProvider>,
);
