import {Box, render, Text, useInput} from 'ink';

/** The least an Ink program can be: what the first frame of any costs. */
function Minimal() {
  useInput(() => {});
  return (
    <Box flexDirection="column">
      <Text>minimal is ready</Text>
    </Box>
  );
}

render(<Minimal />, {alternateScreen: true, incrementalRendering: true, interactive: true});
