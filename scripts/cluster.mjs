// npm run cluster: set-up, then the chart is applied to a real Kubernetes API server on loopback. Too long for every run of
// the tests: the server is built from source the first time.
import { chartTools, hasChartTools, installChartTools } from './lib/chart-tools.mjs';
import { clusterTools, installClusterTools } from './lib/cluster-tools.mjs';
import { main } from './lib/main.mjs';
import { setup } from './lib/setup.mjs';
import { closingLine, runSuite } from './lib/suites.mjs';

await main(async () => {
  await setup();
  if (!hasChartTools()) await installChartTools();
  await installClusterTools();
  const env = {
    BITGIBBS_TEST_PARTS: 'chart-tools',
    BITGIBBS_TEST_CHART_TOOLS: chartTools(),
    BITGIBBS_TEST_CLUSTER_TOOLS: clusterTools(),
  };
  const counts = await runSuite({ name: 'cluster', minutes: 10, atOnce: 1 }, { env });
  console.log(closingLine(counts));
  process.exitCode = counts.failed > 0 ? 1 : 0;
});
