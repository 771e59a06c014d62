from flask import Flask
from flask_admin import Admin

app = Flask(__name__)
Admin(app, name="Orders")

if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8001)
