/** Tells the process that forked this one how much CPU it has used, in microseconds. */
export function answerCpuQuestions(): void {
  process.on('message', (message) => {
    if (message !== 'cpu') return
    const { user, system } = process.cpuUsage()
    process.send?.({ cpu: user + system })
  })
}
