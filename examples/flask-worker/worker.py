import os
import time

from flask import Flask

app = Flask(__name__)

if __name__ == "__main__":
    with app.app_context():
        while True:
            app.logger.warning("waiting for %s", os.environ["QUEUE"])
            time.sleep(60)
