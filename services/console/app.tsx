import { useQuery } from '@tanstack/react-query';
import { App as AntApp, ConfigProvider } from 'antd';
import enGB from 'antd/locale/en_GB';
import zhCN from 'antd/locale/zh_CN';
import { lazy, Suspense, useEffect, useRef } from 'react';
import { BrowserRouter, Navigate, Route, Routes, useLocation } from 'react-router-dom';
import { useHub } from './api/hub-context.ts';
import { useFeedState } from './feed/use-feed-state.ts';
import { useLanguage } from './i18n/use-language.ts';
import { type AppearanceControl, useAppearance } from './layout/appearance.ts';
import { ErrorBoundary } from './layout/error-boundary.tsx';
import { NotFoundPage } from './layout/not-found-page.tsx';
import { Failure, Loading } from './layout/states.tsx';
import { themeConfig } from './layout/theme.ts';
import { useMedia } from './layout/use-media.ts';
import { startPathOf } from './session/permissions.ts';
import { SessionProvider, useAllowed } from './session/session-context.ts';
import { sessionQuery } from './session/session-query.ts';
import { SignInPage } from './session/sign-in-page.tsx';

// Fetched once somebody has signed in: who has not waits for the form alone.
const Shell = lazy(async () => ({ default: (await import('./layout/shell.tsx')).Shell }));
const DutyDeskPage = lazy(async () => ({ default: (await import('./alarms/duty-desk-page.tsx')).DutyDeskPage }));
const CaseListPage = lazy(async () => ({ default: (await import('./cases/case-list-page.tsx')).CaseListPage }));
const CasePage = lazy(async () => ({ default: (await import('./cases/case-page.tsx')).CasePage }));
const NewCasePage = lazy(async () => ({ default: (await import('./cases/new-case-page.tsx')).NewCasePage }));
const ReportPage = lazy(async () => ({ default: (await import('./reports/report-page.tsx')).ReportPage }));
const FollowPage = lazy(async () => ({ default: (await import('./reports/follow-page.tsx')).FollowPage }));
const AlarmFiguresPage = lazy(async () => ({
  default: (await import('./figures/alarm-figures-page.tsx')).AlarmFiguresPage,
}));
const CaseFiguresPage = lazy(async () => ({
  default: (await import('./cases/case-figures-page.tsx')).CaseFiguresPage,
}));
const SystemPage = lazy(async () => ({ default: (await import('./layout/system-page.tsx')).SystemPage }));
const SetPasswordPage = lazy(async () => ({
  default: (await import('./session/set-password-page.tsx')).SetPasswordPage,
}));
const DevicesPage = lazy(async () => ({ default: (await import('./devices/devices-page.tsx')).DevicesPage }));
const GatePage = lazy(async () => ({ default: (await import('./gates/gate-page.tsx')).GatePage }));
const CameraPage = lazy(async () => ({ default: (await import('./recordings/camera-page.tsx')).CameraPage }));

const EdgesPage = lazy(async () => ({ default: (await import('./edges/edges-page.tsx')).EdgesPage }));
const PlacesPage = lazy(async () => ({ default: (await import('./places/places-page.tsx')).PlacesPage }));
const AccountPage = lazy(async () => ({ default: (await import('./account/account-page.tsx')).AccountPage }));
const AccountsPage = lazy(async () => ({ default: (await import('./accounts/accounts-page.tsx')).AccountsPage }));

const ResidentsPage = lazy(async () => ({ default: (await import('./residents/residents-page.tsx')).ResidentsPage }));
const AccessPage = lazy(async () => ({ default: (await import('./access/access-page.tsx')).AccessPage }));
const RecordsPage = lazy(async () => ({ default: (await import('./records/records-page.tsx')).RecordsPage }));
const PassesPage = lazy(async () => ({ default: (await import('./passes/passes-page.tsx')).PassesPage }));
const ConsentsPage = lazy(async () => ({ default: (await import('./consents/consents-page.tsx')).ConsentsPage }));
const VisitorPage = lazy(async () => ({ default: (await import('./passes/visitor-page.tsx')).VisitorPage }));
const InvitePage = lazy(async () => ({ default: (await import('./passes/invite-page.tsx')).InvitePage }));
const IntegrationsPage = lazy(async () => ({
  default: (await import('./integrations/integrations-page.tsx')).IntegrationsPage,
}));
const RulesPage = lazy(async () => ({ default: (await import('./rules/rules-page.tsx')).RulesPage }));
const RetentionPage = lazy(async () => ({ default: (await import('./retention/retention-page.tsx')).RetentionPage }));

const ANT_LOCALES = { zh: zhCN, en: enGB };

/** The page: its look and language around it, then whoever is signed in, then where they are. */
export function App() {
  const appearance = useAppearance();
  const language = useLanguage();
  const isStill = useMedia('(prefers-reduced-motion: reduce)');
  return (
    <ConfigProvider
      locale={ANT_LOCALES[language]}
      theme={themeConfig(appearance.appearance, isStill)}
      button={{ autoInsertSpace: false }}
    >
      <AntApp message={{ maxCount: 3 }}>
        <ErrorBoundary>
          {/* A transition may come late, and a key pressed meanwhile would mean the line that was on screen before. */}
          <BrowserRouter useTransitions={false}>
            <Suspense fallback={<Loading />}>
              <Routes>
                {/* Nobody signs in for these: residents, their visitors, and staff who have no password yet. */}
                <Route path="report" element={<ReportPage />} />
                <Route path="report/:code" element={<FollowPage />} />
                <Route path="pass/:code" element={<VisitorPage />} />
                <Route path="invite/:code" element={<InvitePage />} />
                <Route path="set-password" element={<SetPasswordPage />} />
                <Route path="*" element={<SessionGate appearance={appearance} />} />
              </Routes>
            </Suspense>
          </BrowserRouter>
        </ErrorBoundary>
      </AntApp>
    </ConfigProvider>
  );
}

/**
 * Shows pages to somebody who is signed in, and keeps the feed open as long as they are. The feed says first from where
 * on it tells: what pages read after that needs no second reading.
 */
function SessionGate({ appearance }: { readonly appearance: AppearanceControl }) {
  const { client, feed } = useHub();
  const { data: session, error, refetch } = useQuery(sessionQuery(client));
  const hadSession = useRef(false);
  const sessionId = session?.id;
  const { phase } = useFeedState();
  const begunFor = useRef<string>(undefined);
  if (sessionId !== undefined) hadSession.current = true;
  if (phase === 'live' || phase === 'lost') begunFor.current = sessionId;
  useEffect(() => {
    if (sessionId === undefined) return;
    const ended = new AbortController();
    feed.run(ended.signal);
    return () => ended.abort();
  }, [feed, sessionId]);

  if (session === undefined) {
    return error === null ? <Loading /> : <Failure error={error} onRetry={() => void refetch()} />;
  }
  if (session === null) return <SignInPage hasEnded={hadSession.current} />;
  if (begunFor.current !== sessionId) return <Loading />;
  return (
    <SessionProvider value={session}>
      <Pages appearance={appearance} startPath={startPathOf(session)} />
    </SessionProvider>
  );
}

function Pages({ appearance, startPath }: { readonly appearance: AppearanceControl; readonly startPath: string }) {
  const { key } = useLocation();
  const mayManageEdges = useAllowed('manageEdges');
  const mayManageAccounts = useAllowed('manageAccounts');
  const mayPlayRecordings = useAllowed('playRecordings');
  const mayReadCommands = useAllowed('readCommands');
  const mayReadConsents = useAllowed('readConsents');
  const mayReadPasses = useAllowed('readPasses');
  const mayReadHolders = useAllowed('readHolders');
  const mayReadAccess = useAllowed('readAccess');
  const mayReadRecords = useAllowed('readRecords');
  const mayReadRetention = useAllowed('readRetention');
  const mayReadRules = useAllowed('readRules');
  const mayReadFigures = useAllowed('readFigures');
  const mayReportCases = useAllowed('reportCases');
  const mayReviewCases = useAllowed('reviewCases');
  const mayManageIntegrations = useAllowed('manageIntegrations');
  // The address somebody typed is the desk's; where they start is decided once, not each time they go there.
  const isArrival = key === 'default';
  return (
    <Routes>
      <Route element={<Shell appearance={appearance} />}>
        <Route
          index
          element={isArrival && startPath !== '/' ? <Navigate to={startPath} replace /> : <DutyDeskPage />}
        />
        <Route path="cases" element={<CaseListPage />} />
        {mayReportCases && <Route path="cases/new" element={<NewCasePage />} />}
        <Route path="cases/:id" element={<CasePage />} />
        <Route path="devices" element={<DevicesPage />} />
        {mayPlayRecordings && <Route path="devices/:id" element={<CameraPage />} />}
        {mayReadCommands && <Route path="gates/:id" element={<GatePage />} />}
        <Route path="system" element={<SystemPage />} />
        {mayReadConsents && <Route path="faces" element={<ConsentsPage />} />}
        {mayReadHolders && <Route path="residents" element={<ResidentsPage />} />}
        {mayReadAccess && <Route path="access" element={<AccessPage />} />}
        {mayReadRecords && <Route path="passages" element={<RecordsPage />} />}
        {mayReadPasses && <Route path="passes" element={<PassesPage />} />}
        {mayReviewCases && <Route path="case-figures" element={<CaseFiguresPage />} />}
        {mayReadFigures && <Route path="alarm-figures" element={<AlarmFiguresPage />} />}
        {mayManageAccounts && <Route path="accounts" element={<AccountsPage />} />}
        <Route path="account" element={<AccountPage />} />
        <Route path="places" element={<PlacesPage />} />
        {mayManageEdges && <Route path="edges" element={<EdgesPage />} />}
        {mayReadRules && <Route path="rules" element={<RulesPage />} />}
        {mayReadRetention && <Route path="retention" element={<RetentionPage />} />}
        {mayManageIntegrations && <Route path="integrations" element={<IntegrationsPage />} />}
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
