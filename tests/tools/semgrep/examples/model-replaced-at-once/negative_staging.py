from mlflow.tracking import MlflowClient


def stage(name: str, version: str):
    MlflowClient().transition_model_version_stage(name=name, version=version, stage="Staging")
