// Runs in a worker: gets a rate, gives a message per frame, catching up after a pause by skipping.
self.addEventListener("message", ({ data }: MessageEvent<number>) => {
  const start = performance.now();
  let sent = 0;
  setInterval(() => {
    const due = Math.floor(((performance.now() - start) * data) / 1000);
    if (due > sent) {
      sent = due;
      self.postMessage(due);
    }
  }, 4);
});

export {};
