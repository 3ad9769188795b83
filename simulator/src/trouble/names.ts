// The kinds of trouble a seed may have.
export const troubleNames = [
  // the network
  'slow network',
  'pieces',
  'narrow network',
  'cut connections',
  'orderly ends',
  'vanishing bytes',
  'dials',
  // the nodes
  'killed node',
  'lost node',
  'restarted node',
  'frozen node',
  'fenced node',
  'moved leaders',
  'moved coordinators',
  'outage',
  // what they answer
  'error codes',
  'throttling',
  'lost answers',
  'hung requests',
  'slow answers',
  'hang-ups',
  // topics and groups
  'grown topics',
  'topics made anew',
  'retention',
  'truncation',
  'expired members',
  // the client's own process
  'stopped client',
] as const;

export type TroubleName = (typeof troubleNames)[number];
